"""The short words of Home Assistant's MQTT discovery, spelt out.

Source: the list of abbreviations in Home Assistant's MQTT documentation. Most of them are a thing and what is
meant of it ("bri" + "cmd_t"), so they are written here as those two and multiplied; the rest is irregular.
"""

from collections.abc import Mapping
from typing import Any

_ENDINGS = {
    "cmd_t": "command_topic",
    "cmd_tpl": "command_template",
    "stat_t": "state_topic",
    "stat_tpl": "state_template",
    "val_tpl": "value_template",
}

_THINGS = {
    "aux": "aux",
    "away_mode": "away_mode",
    "bri": "brightness",
    "clr_temp": "color_temp",
    "clrm": "color_mode",
    "dir": "direction",
    "fan_mode": "fan_mode",
    "fx": "effect",
    "hold": "hold",
    "hs": "hs",
    "hum": "target_humidity",
    "mode": "mode",
    "osc": "oscillation",
    "pct": "percentage",
    "pow": "power",
    "pr_mode": "preset_mode",
    "rgb": "rgb",
    "rgbw": "rgbw",
    "rgbww": "rgbww",
    "spd": "speed",
    "swing_mode": "swing_mode",
    "swing_h_mode": "swing_horizontal_mode",
    "temp": "temperature",
    "temp_hi": "temperature_high",
    "temp_lo": "temperature_low",
    "tilt": "tilt",
    "whit": "white",
    "whit_val": "white_value",
    "xy": "xy",
}

_TOPIC_AND_TEMPLATE = {
    "act": "action",
    "avty": "availability",
    "bat_lev": "battery_level",
    "chrg": "charging",
    "cln": "cleaning",
    "curr_hum": "current_humidity",
    "curr_temp": "current_temperature",
    "dock": "docked",
    "err": "error",
    "fanspd": "fan_speed",
    "img": "image",
    "json_attr": "json_attributes",
    "l_ver": "latest_version",
    "pos": "position",
    "set_pos": "set_position",
    "tilt_status": "tilt_status",
    "url": "url",
}

_PAYLOADS = {
    "arm_away": "arm_away",
    "arm_custom_b": "arm_custom_bypass",
    "arm_home": "arm_home",
    "arm_nite": "arm_night",
    "arm_vacation": "arm_vacation",
    "avail": "available",
    "cln_sp": "clean_spot",
    "cls": "close",
    "dir_fwd": "direction_forward",
    "dir_rev": "direction_reverse",
    "disarm": "disarm",
    "hi_spd": "high_speed",
    "home": "home",
    "inst": "install",
    "lo_spd": "low_speed",
    "loc": "locate",
    "lock": "lock",
    "med_spd": "medium_speed",
    "not_avail": "not_available",
    "not_home": "not_home",
    "off": "off",
    "off_spd": "off_speed",
    "on": "on",
    "open": "open",
    "osc_off": "oscillation_off",
    "osc_on": "oscillation_on",
    "paus": "pause",
    "prs": "press",
    "ret": "return_to_base",
    "rst": "reset",
    "rst_hum": "reset_humidity",
    "rst_mode": "reset_mode",
    "rst_pct": "reset_percentage",
    "rst_pr_mode": "reset_preset_mode",
    "stop": "stop",
    "stop_tilt": "stop_tilt",
    "stpa": "start_pause",
    "strt": "start",
    "toff": "turn_off",
    "ton": "turn_on",
    "trig": "trigger",
    "unlk": "unlock",
}

_STATES = {
    "clsd": "closed",
    "closing": "closing",
    "jam": "jammed",
    "locked": "locked",
    "locking": "locking",
    "off": "off",
    "on": "on",
    "open": "open",
    "opening": "opening",
    "stopped": "stopped",
    "unlocked": "unlocked",
    "unlocking": "unlocking",
}

_IRREGULAR = {
    "atype": "automation_type",
    "av_tones": "available_tones",
    "avty": "availability",
    "avty_mode": "availability_mode",
    "b_tpl": "blue_template",
    "bri_scl": "brightness_scale",
    "bri_tpl": "brightness_template",
    "clr_temp_k": "color_temp_kelvin",
    "clr_temp_tpl": "color_temp_template",
    "clrm": "color_mode",
    "cmd_off_tpl": "command_off_template",
    "cmd_on_tpl": "command_on_template",
    "cmps": "components",
    "cod_arm_req": "code_arm_required",
    "cod_dis_req": "code_disarm_required",
    "cod_form": "code_format",
    "cod_trig_req": "code_trigger_required",
    "cont_type": "content_type",
    "def_ent_id": "default_entity_id",
    "dev": "device",
    "dev_cla": "device_class",
    "dsp_prc": "display_precision",
    "e": "encoding",
    "en": "enabled_by_default",
    "ent_cat": "entity_category",
    "ent_pic": "entity_picture",
    "evt_typ": "event_types",
    "exp_aft": "expire_after",
    "fanspd_lst": "fan_speed_list",
    "flsh": "flash",
    "flsh_tlng": "flash_time_long",
    "flsh_tsht": "flash_time_short",
    "frc_upd": "force_update",
    "fx_list": "effect_list",
    "fx_tpl": "effect_template",
    "g_tpl": "green_template",
    "hum_state_tpl": "target_humidity_state_template",
    "ic": "icon",
    "img_e": "image_encoding",
    "init": "initial",
    "json_attr": "json_attributes",
    "lrst_t": "last_reset_topic",
    "lrst_val_tpl": "last_reset_value_template",
    "max_hum": "max_humidity",
    "max_k": "max_kelvin",
    "max_mirs": "max_mireds",
    "migr_discvry": "migrate_discovery",
    "min_hum": "min_humidity",
    "min_k": "min_kelvin",
    "min_mirs": "min_mireds",
    "o": "origin",
    "obj_id": "object_id",
    "off_dly": "off_delay",
    "on_cmd_type": "on_command_type",
    "ops": "options",
    "opt": "optimistic",
    "p": "platform",
    "pl": "payload",
    "pos": "reports_position",
    "pos_clsd": "position_closed",
    "pos_open": "position_open",
    "pr_modes": "preset_modes",
    "ptrn": "pattern",
    "r_tpl": "red_template",
    "rel_s": "release_summary",
    "rel_u": "release_url",
    "ret": "retain",
    "send_cmd_t": "send_command_topic",
    "set_fan_spd_t": "set_fan_speed_topic",
    "spd_rng_max": "speed_range_max",
    "spd_rng_min": "speed_range_min",
    "spds": "speeds",
    "src_type": "source_type",
    "stat_cla": "state_class",
    "stat_val_tpl": "state_value_template",
    "stype": "subtype",
    "sug_dsp_prc": "suggested_display_precision",
    "sup_clrm": "supported_color_modes",
    "sup_dur": "support_duration",
    "sup_feat": "supported_features",
    "sup_vol": "support_volume_set",
    "t": "topic",
    "temp_unit": "temperature_unit",
    "tilt_clsd_val": "tilt_closed_value",
    "tilt_inv_stat": "tilt_invert_state",
    "tilt_opnd_val": "tilt_opened_value",
    "tilt_opt": "tilt_optimistic",
    "tit": "title",
    "trns": "transition",
    "uniq_id": "unique_id",
    "unit_of_meas": "unit_of_measurement",
    "whit_scl": "white_scale",
    "whit_val_scl": "white_value_scale",
}

DEVICE_WORDS: Mapping[str, str] = {
    "cns": "connections",
    "cu": "configuration_url",
    "hw": "hw_version",
    "ids": "identifiers",
    "mdl": "model",
    "mdl_id": "model_id",
    "mf": "manufacturer",
    "sa": "suggested_area",
    "sn": "serial_number",
    "sw": "sw_version",
}

WORDS: Mapping[str, str] = {
    **_ENDINGS,
    **{f"{a}_{b}": f"{thing}_{end}" for a, thing in _THINGS.items() for b, end in _ENDINGS.items()},
    **{f"{short}_t": f"{long}_topic" for short, long in _TOPIC_AND_TEMPLATE.items()},
    **{f"{short}_tpl": f"{long}_template" for short, long in _TOPIC_AND_TEMPLATE.items()},
    **{f"pl_{short}": f"payload_{long}" for short, long in _PAYLOADS.items()},
    **{f"stat_{short}": f"state_{long}" for short, long in _STATES.items()},
    **_IRREGULAR,
}


def expand(config: Mapping[str, Any]) -> dict[str, Any]:
    """Spell out all words of one discovery payload, and put the base `~` into its topics."""
    spelt = {WORDS.get(key, key): value for key, value in config.items()}
    base = spelt.pop("~", None)
    if isinstance(spelt.get("device"), Mapping):
        spelt["device"] = {DEVICE_WORDS.get(key, key): value for key, value in spelt["device"].items()}
    if isinstance(spelt.get("availability"), list):
        spelt["availability"] = [
            {WORDS.get(key, key): value for key, value in each.items()} if isinstance(each, Mapping) else each
            for each in spelt["availability"]
        ]
    if isinstance(base, str):
        _put_base(spelt, base)
        for each in spelt.get("availability") or ():
            if isinstance(each, dict):
                _put_base(each, base)
    return spelt


def _put_base(config: dict[str, Any], base: str) -> None:
    for key, value in config.items():
        if key.endswith("topic") and isinstance(value, str):
            if value.startswith("~"):
                config[key] = base + value[1:]
            elif value.endswith("~"):
                config[key] = value[:-1] + base
