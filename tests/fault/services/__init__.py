"""S3, DynamoDB and Step Functions in process: exactly what the adapters call, and nothing else."""
