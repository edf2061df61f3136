"""Compares Sluice with nginx and HAProxy on one core. Start reading at cli.py, then measure.py."""
