"""One store of facts, in columns, made anew from the files the hub keeps."""
