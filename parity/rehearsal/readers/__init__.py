"""Each resource type as its service's own API describes it, under the template's names."""
