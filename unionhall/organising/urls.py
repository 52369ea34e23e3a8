"""Addresses of organising's pages."""

from django.urls import URLPattern

worker: list[URLPattern] = []
desk: list[URLPattern] = []
