"""The template, executed: the task of infra/template.yml runs here as that file says.

- source.py: a template, resolved, and in it the one service behind a load balancer.
- task.py, volume.py, secret_values.py, balancer.py: what the template says of the task, of the
  access point, of the secrets and of the load balancer, in the terms of this machine; what cannot
  be run here is an error with file and line, so nothing is dropped silently.
- model.py: all of it as a Compose file, in which nothing of compose.yaml's `app` is left.
- differences.py: what is meant to differ, and what no engine can do, each with a reason.
- trial.py: one task before all others, as a rollout begins; balanced.py: the target group.
- service.py: whether a stack is from a template now; what of it is kept on disk.
"""
