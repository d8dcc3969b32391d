"""Where deliveries come from by themselves: folders, object stores, SFTP, HTTP, databases."""
