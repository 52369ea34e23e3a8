"""Addresses of benefits: each noun's file gives lists of these names, gathered here."""

from django.urls import URLPattern

public: list[URLPattern] = []
worker: list[URLPattern] = []
desk: list[URLPattern] = []
