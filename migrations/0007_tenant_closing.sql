CREATE TABLE `tenant_closing` (
	`tenant_id` text PRIMARY KEY NOT NULL,
	`delete_at` integer NOT NULL,
	`requested_at` integer NOT NULL,
	`requested_by` text NOT NULL
);
