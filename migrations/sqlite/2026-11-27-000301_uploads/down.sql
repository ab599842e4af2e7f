DROP TABLE upload_files;
DROP TABLE uploads;
