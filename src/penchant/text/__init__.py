"""What people and sellers write: items as sentences, sentences as vectors."""
