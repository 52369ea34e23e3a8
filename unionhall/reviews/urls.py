"""Addresses of reviews' pages."""

from django.urls import URLPattern

public: list[URLPattern] = []
worker: list[URLPattern] = []
desk: list[URLPattern] = []
