CREATE TABLE `member_grant` (
	`tenant_id` text NOT NULL,
	`user_id` text NOT NULL,
	`pipeline_id` text NOT NULL,
	`role` text NOT NULL,
	`created_at` integer NOT NULL,
	`created_by` text NOT NULL,
	PRIMARY KEY(`tenant_id`, `user_id`, `pipeline_id`)
);
--> statement-breakpoint
ALTER TABLE `token` ADD `role` text;--> statement-breakpoint
ALTER TABLE `token` ADD `user_id` text;--> statement-breakpoint
ALTER TABLE `token` ADD `scopes` text;--> statement-breakpoint
ALTER TABLE `token` ADD `pipelines` text;--> statement-breakpoint
ALTER TABLE `token` ADD `last_used_at` integer;--> statement-breakpoint
ALTER TABLE `token` ADD `used_at` integer;--> statement-breakpoint
ALTER TABLE `token` ADD `rotated_to` text;