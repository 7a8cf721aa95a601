CREATE TABLE `connection` (
	`tenant_id` text NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`kind` text NOT NULL,
	`base_url` text NOT NULL,
	`api_url` text,
	`arn` text,
	`credential_kind` text NOT NULL,
	`public_parts` text NOT NULL,
	`version` integer NOT NULL,
	`data_key_id` text NOT NULL,
	`iv` text NOT NULL,
	`sealed` text NOT NULL,
	`disabled` integer NOT NULL,
	`created_at` integer NOT NULL,
	`created_by` text NOT NULL,
	`updated_at` integer NOT NULL,
	`updated_by` text NOT NULL,
	`last_tested_at` integer,
	`last_test` text,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `connection_name` ON `connection` (`tenant_id`,`name`);--> statement-breakpoint
CREATE UNIQUE INDEX `connection_arn` ON `connection` (`tenant_id`,`arn`);--> statement-breakpoint
CREATE INDEX `connection_data_key` ON `connection` (`tenant_id`,`data_key_id`);--> statement-breakpoint
CREATE TABLE `hook` (
	`tenant_id` text NOT NULL,
	`id` text NOT NULL,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`connection_id` text,
	`repository` text,
	`version` integer NOT NULL,
	`data_key_id` text NOT NULL,
	`iv` text NOT NULL,
	`sealed` text NOT NULL,
	`previous_until` integer,
	`host_hook_id` text,
	`settings` text NOT NULL,
	`created_at` integer NOT NULL,
	`created_by` text NOT NULL,
	`updated_at` integer NOT NULL,
	`disabled_at` integer,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `hook_repository` ON `hook` (`tenant_id`,`connection_id`,`repository`);--> statement-breakpoint
CREATE INDEX `hook_data_key` ON `hook` (`tenant_id`,`data_key_id`);--> statement-breakpoint
CREATE TABLE `watch` (
	`tenant_id` text NOT NULL,
	`pipeline_id` text NOT NULL,
	`action` text NOT NULL,
	`reference` text NOT NULL,
	`connection_id` text,
	`repository` text NOT NULL,
	`repository_id` text,
	PRIMARY KEY(`tenant_id`, `pipeline_id`, `action`)
);
--> statement-breakpoint
CREATE INDEX `watch_repository` ON `watch` (`tenant_id`,`connection_id`,`repository`);--> statement-breakpoint
CREATE INDEX `watch_reference` ON `watch` (`tenant_id`,`reference`);