"""The rules of an interview; standard library only, no clock, no input or output."""
