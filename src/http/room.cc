// Holds the room until its first source comes.
