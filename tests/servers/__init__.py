"""Private database servers for tests: own data, own port on loopback, gone with the process that started them."""
