"""Every sentence that people read, in plain words, a file a subject. Pure: nothing here draws or asks anything."""
