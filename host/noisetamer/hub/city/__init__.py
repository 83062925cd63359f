"""A hub on many machines: a cluster of brokers, workers that store, hubs that show and call."""
