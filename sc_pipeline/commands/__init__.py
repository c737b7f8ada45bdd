"""The commands of `sc-pipeline`, by what they do: releases and tables are made, or what is published is read."""
