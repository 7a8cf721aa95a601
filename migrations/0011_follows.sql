CREATE TABLE `follow` (
	`tenant_id` text NOT NULL,
	`pipeline_id` text NOT NULL,
	`connection_id` text NOT NULL,
	`repository` text NOT NULL,
	`branch` text NOT NULL,
	`path` text NOT NULL,
	`commit` text,
	`checked_at` integer,
	`version` integer,
	`problem` text,
	`created_at` integer NOT NULL,
	`created_by` text NOT NULL,
	PRIMARY KEY(`tenant_id`, `pipeline_id`)
);
--> statement-breakpoint
CREATE INDEX `follow_connection` ON `follow` (`tenant_id`,`connection_id`);