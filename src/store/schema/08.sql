-- Whether the document of its archive, as it stands, has the item.
ALTER TABLE archived ADD COLUMN written INTEGER NOT NULL DEFAULT 0;
