"""The messages between the processes of Assay: names, manifest, recording and routes; standard library only."""
