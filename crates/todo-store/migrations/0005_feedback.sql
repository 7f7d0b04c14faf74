-- What people say of an answer: positive or negative.
ALTER TABLE messages ADD COLUMN feedback text;
