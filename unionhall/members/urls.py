"""Addresses of members' pages."""

from django.urls import URLPattern

worker: list[URLPattern] = []
desk: list[URLPattern] = []
public: list[URLPattern] = []
