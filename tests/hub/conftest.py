"""The class test is a program of its own (`make class`), in an environment of its own."""

collect_ignore = ["class_test.py", "jupyterhub_config.py"]
