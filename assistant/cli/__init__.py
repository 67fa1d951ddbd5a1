"""The command line: `main` finds the verbs, each verb lives in a file of its own."""
