"""The assistant's own voice taken out of what it hears. One engine a file, behind `engine`."""
