"""Well-known data sets, one file each: from the files as they are published to `Data`."""
