"""What every role, queue, topic and bucket has to allow, derived from what functions, jobs and states do."""
