"""Why an encoder finds two pictures alike: which places of each the cosine of their vectors comes from."""
