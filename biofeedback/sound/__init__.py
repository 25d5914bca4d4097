"""What is heard: a tone or music that follows the tension, and spoken cues."""
