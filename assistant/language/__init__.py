"""Language-model engines, one a file, all behind `engine.LanguageModel`."""
