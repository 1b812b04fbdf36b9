-- What the pages of a column always printed of their site's registration, where a person said that
-- the column is normal as it is: that is no word about the site.
ALTER TABLE trusted ADD COLUMN printed TEXT;
