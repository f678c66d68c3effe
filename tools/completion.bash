# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What bash offers after ldmboot's programs. Installed by the name of each: bash-completion loads it by that. Where no
# word is to be offered, bash offers the names of files.
_ldmboot() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command='' words=''
    local target='--yes --dry-run --image --help'
    local which='--firmware --volume --component --old-half --help'
    ((COMP_CWORD > 1)) && command=${COMP_WORDS[1]}
    # bash takes --option=value for three words.
    [[ $before != = ]] || before=${COMP_WORDS[COMP_CWORD - 2]}
    [[ $word != = ]] || word=''
    COMPREPLY=()
    case $before in
    --firmware) words='bios uefi' ;;
    --block-size) words='512 4096' ;;
    --color) words='auto always never' ;;
    --identity) words='keep new' ;;
    --config | --bcd | --sector0 | --stick | --image | --bootsector-file | --map | --at | --unmount | -o) ;;
    --volume | --component | --seed | --memory | --display | -D) ;;
    *)
        case ${COMP_WORDS[0]##*/}:$command in
        ldmboot-install:stick | ldmboot-install:floppy | ldmboot-install:update) words=$target ;;
        ldmboot-install:partition) words="$target --bootsector-file --bootcode" ;;
        ldmboot-install:esp) words="$target --boot-entry" ;;
        ldmboot-install:*) words='stick floppy update partition esp --help --version' ;;
        ldmboot-rescue:list) words=$which ;;
        ldmboot-rescue:copy) words="$which --yes --verify --map --identity --seed" ;;
        ldmboot-rescue:vm) words="$which --memory --display --seen" ;;
        ldmboot-rescue:files) words="$which --at --unmount" ;;
        ldmboot-rescue:*) words='list copy vm files --help --version' ;;
        ldmboot-inspect:*)
            words='--json --explain --firmware --config --bcd --sector0 --stick --map --mount --color --block-size --drives --help --version'
            ;;
        mkldm:*) words='-o -D --help' ;;
        esac
        # Options where a dash begins, commands where they stand, else files.
        [[ $word == -* || ($COMP_CWORD == 1 && $words != -*) ]] || words=''
        ;;
    esac
    [[ -z $words ]] || mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -o default -F _ldmboot ldmboot-inspect ldmboot-install ldmboot-rescue mkldm
