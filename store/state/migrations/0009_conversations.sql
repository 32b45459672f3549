-- The conversation that a member stands in, for what people wrote. Articles have none, and
-- neither has what was joined before this was kept: each of those was told by itself.
ALTER TABLE story_member ADD COLUMN conversation TEXT NOT NULL DEFAULT '';
CREATE INDEX story_member_conversation ON story_member (conversation, seen) WHERE conversation <> '';
