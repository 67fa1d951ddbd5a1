"""Where sound comes from and goes to: the microphone, files, the loudspeaker."""
