-- How much was handed in within a day is counted before each file.
CREATE INDEX surveys_files_created ON surveys_files (created_at);
