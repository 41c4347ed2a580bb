"""What stands at the door and draws nothing: who is let in, what each answer carries, what machines may ask."""
