import pytest

from devices.discovery.abbreviations import WORDS, expand

DOCUMENTED = """
act_t action_topic | avty availability | avty_mode availability_mode | avty_t availability_topic
avty_tpl availability_template | bri_cmd_t brightness_command_topic
bri_cmd_tpl brightness_command_template | bri_scl brightness_scale | bri_stat_t brightness_state_topic
bri_val_tpl brightness_value_template | clr_temp_cmd_t color_temp_command_topic
clr_temp_k color_temp_kelvin | clr_temp_stat_t color_temp_state_topic
clr_temp_val_tpl color_temp_value_template | clrm color_mode | clrm_stat_t color_mode_state_topic
cmd_off_tpl command_off_template | cmd_on_tpl command_on_template | cmd_t command_topic
cmd_tpl command_template | cmps components | curr_temp_t current_temperature_topic
def_ent_id default_entity_id | dev device | dev_cla device_class | e encoding | en enabled_by_default
ent_cat entity_category | exp_aft expire_after | fan_mode_cmd_t fan_mode_command_topic
fx_list effect_list | hs_cmd_t hs_command_topic | hs_stat_t hs_state_topic
hum_stat_t target_humidity_state_topic | json_attr_t json_attributes_topic | l_ver_t latest_version_topic
max_k max_kelvin | max_mirs max_mireds | migr_discvry migrate_discovery
mode_stat_tpl mode_state_template | o origin | obj_id object_id | on_cmd_type on_command_type
ops options | opt optimistic | osc_val_tpl oscillation_value_template | p platform
pct_cmd_t percentage_command_topic | pl_avail payload_available | pl_cls payload_close
pl_lock payload_lock | pl_not_avail payload_not_available | pl_off payload_off | pl_on payload_on
pl_open payload_open | pl_stop payload_stop | pl_unlk payload_unlock | pos_clsd position_closed
pos_open position_open | pos_t position_topic | pos_tpl position_template
pr_mode_cmd_t preset_mode_command_topic | ret retain | rgb_cmd_t rgb_command_topic
rgb_cmd_tpl rgb_command_template | rgb_stat_t rgb_state_topic | rgb_val_tpl rgb_value_template
rgbww_cmd_t rgbww_command_topic | set_pos_t set_position_topic | spd_rng_max speed_range_max
stat_closing state_closing | stat_locked state_locked | stat_off state_off | stat_on state_on
stat_t state_topic | stat_tpl state_template | stat_val_tpl state_value_template
sup_clrm supported_color_modes | swing_mode_stat_t swing_mode_state_topic | t topic
temp_cmd_t temperature_command_topic | temp_hi_stat_tpl temperature_high_state_template
tilt_cmd_t tilt_command_topic | tilt_status_t tilt_status_topic | uniq_id unique_id
unit_of_meas unit_of_measurement | val_tpl value_template | whit_scl white_scale
xy_cmd_t xy_command_topic
"""


@pytest.mark.parametrize(
    "pair", [pair.split() for line in DOCUMENTED.split("\n") for pair in line.split("|") if pair.strip()]
)
def test_a_documented_abbreviation_is_spelt_out(pair: list[str]) -> None:
    short, long = pair
    assert WORDS[short] == long


def test_no_long_word_is_an_abbreviation_of_something_else() -> None:
    assert {long for long in WORDS.values() if long in WORDS} == set()


def test_the_base_is_put_at_either_end_of_topics_and_nowhere_else() -> None:
    spelt = expand(
        {
            "~": "home/lamp",
            "cmd_t": "~/set",
            "stat_t": "state/~",
            "name": "~ lamp",
            "pl_on": "~",
            "avty": [{"t": "~/up", "pl_avail": "1"}],
            "dev": {"sa": "Kitchen", "name": "Lamp"},
        }
    )
    assert spelt == {
        "command_topic": "home/lamp/set",
        "state_topic": "state/home/lamp",
        "name": "~ lamp",
        "payload_on": "~",
        "availability": [{"topic": "home/lamp/up", "payload_available": "1"}],
        "device": {"suggested_area": "Kitchen", "name": "Lamp"},
    }
