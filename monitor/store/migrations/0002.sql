-- SQLite finds changes by their pipelines, whose rows lie in the order of time: a second order was a third of the file.
DROP INDEX change_by_time;
