//! Chinese dates in all the forms that sites print, with their precision.
