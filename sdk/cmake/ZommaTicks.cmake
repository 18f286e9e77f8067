# ZommaTicks.cmake: zomma_ticks_config(FILE): writes FILE into the build folder, a configuration that runs the plugin.toml of
# the current source folder on the recorded ticks that come with the SDK. Its state goes to run/ in the build folder.
#
# Zomma_TICKS is the folder of the recording, Zomma_PROGRAM the zomma program of the same installation.

function(zomma_ticks_config file)
  configure_file(${Zomma_TICKS}/ticks.toml.in ${CMAKE_CURRENT_BINARY_DIR}/${file} @ONLY)
endfunction()
