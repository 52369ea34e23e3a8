"""How Django draws forms: our field template, and Django's own widgets found beside ours."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """`{{ form }}` and `as_field_group` use the components; widgets may be overridden in our templates."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"
