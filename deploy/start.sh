#!/bin/sh
# Dagster's settings go where every command of the pipeline looks for them; then the code server starts.
set -eu
mkdir -p "$DAGSTER_HOME"
cp "$(dirname "$0")/dagster.yaml" "$DAGSTER_HOME/dagster.yaml"
exec dagster api grpc --module-name sc_pipeline.definitions --location-name sc_pipeline "$@"
