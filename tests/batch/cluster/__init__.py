"""Tests of dlcli.batch.cluster."""
