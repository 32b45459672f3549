-- What somebody did, and what was assigned to them, is theirs, whatever they are called
-- later: it is kept with the member that they are. Until now it was kept by name alone.
UPDATE incident SET body = json_set(body, '$.ByMember', (SELECT id FROM member WHERE name = incident.body ->> '$.By'))
	WHERE body ->> '$.By' IN (SELECT name FROM member);
UPDATE incident SET body = json_set(body, '$.ForMember', (SELECT id FROM member WHERE name = incident.body ->> '$.For'))
	WHERE body ->> '$.For' IN (SELECT name FROM member);
UPDATE journal SET detail = json_set(detail, '$.member', (SELECT id FROM member WHERE name = journal.who))
	WHERE what GLOB 'incident.*' AND json_type(detail) = 'object' AND who IN (SELECT name FROM member);
UPDATE journal SET detail = json_set(detail, '$.to_member', (SELECT id FROM member WHERE name = journal.detail ->> '$.to'))
	WHERE what = 'incident.assign' AND detail ->> '$.to' IN (SELECT name FROM member);
