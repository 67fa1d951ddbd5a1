"""Fine-tuning of a small language model on the installed skills (`sotto train --language-model`)."""
