-- 10: no stored JSON breaks a line for readers that know more line ends than ASCII has.

-- What is written from now on has U+0085, U+2028 and U+2029 as escapes (db/json.h).
UPDATE message SET json = replace(replace(replace(json, char(133), '\u0085'), char(8232), '\u2028'), char(8233), '\u2029')
WHERE instr(json, char(133)) OR instr(json, char(8232)) OR instr(json, char(8233));

UPDATE event SET data = replace(replace(replace(data, char(133), '\u0085'), char(8232), '\u2028'), char(8233), '\u2029')
WHERE instr(data, char(133)) OR instr(data, char(8232)) OR instr(data, char(8233));

UPDATE act SET payload = replace(replace(replace(payload, char(133), '\u0085'), char(8232), '\u2028'), char(8233), '\u2029')
WHERE instr(payload, char(133)) OR instr(payload, char(8232)) OR instr(payload, char(8233));

PRAGMA user_version = 10;
