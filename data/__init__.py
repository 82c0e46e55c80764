"""The ground floor: facts. Declarations, data sets, uploads."""
