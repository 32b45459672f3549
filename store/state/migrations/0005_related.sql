-- Another story that seems to speak of the same event, when this member came.
ALTER TABLE story_member ADD COLUMN related TEXT NOT NULL DEFAULT '';
