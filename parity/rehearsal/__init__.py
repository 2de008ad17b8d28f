"""The cloud rehearsed without an account: `parity deploy` itself, against emulators on loopback.

Three processes stand in for AWS, each for what it does best:

- stacks (`stacks/`): ministack's CloudFormation, in an environment of its own. Change sets with
  action and replacement for each resource, order, rollback of a failed create or update, NoEcho,
  parameter rules. Its own resources are not used, as they lose much of what a template says.
- services (`services/`): moto's server for every other API. It keeps properties well where its own
  CloudFormation drops most, and knows the services that ministack does not. Our plug-ins give ECS
  a scheduler and ECR a registry.
- registry: Debian's docker-registry, for real pushes and real digests.

Where a Docker Engine runs, the first stack's tasks are containers of the tested image, pulled by
digest and run as their task definition was registered (`fargate/`), and the smoke tests go through
them; without one, and in the stacks that only differ in parameters, tasks are records.

Between the first two stand the providers of `stacks/`: one function for each thing that a stack
does to a type of resource, which calls the service's API as CloudFormation would. botocore checks
every property on the way, so that one which the API does not have fails the resource, where an
emulator would drop it. What is lost beyond that is found by reading everything back.
"""
