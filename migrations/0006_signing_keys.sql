CREATE TABLE `signing_key` (
	`kid` text PRIMARY KEY NOT NULL,
	`state` text NOT NULL,
	`public_key` text NOT NULL,
	`kek` text NOT NULL,
	`iv` text NOT NULL,
	`wrapped` text NOT NULL,
	`created_at` integer NOT NULL,
	`active_at` integer,
	`retired_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `signing_key_in_use` ON `signing_key` (`state`) WHERE state <> 'retired';