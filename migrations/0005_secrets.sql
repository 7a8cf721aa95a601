CREATE TABLE `data_key` (
	`tenant_id` text NOT NULL,
	`id` text NOT NULL,
	`kek` text NOT NULL,
	`iv` text NOT NULL,
	`wrapped` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `secret` (
	`tenant_id` text NOT NULL,
	`pipeline_id` text NOT NULL,
	`stage` text NOT NULL,
	`name` text NOT NULL,
	`version` integer NOT NULL,
	`is_protected` integer NOT NULL,
	`data_key_id` text NOT NULL,
	`iv` text NOT NULL,
	`sealed` text NOT NULL,
	`updated_at` integer NOT NULL,
	`updated_by` text NOT NULL,
	`last_used_at` integer,
	`retired_at` integer,
	PRIMARY KEY(`tenant_id`, `pipeline_id`, `stage`, `name`, `version`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `secret_data_key` ON `secret` (`tenant_id`,`data_key_id`);