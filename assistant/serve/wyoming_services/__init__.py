"""What we are to others by the Wyoming protocol: recognition, voice, wake words and understanding."""
